/** The texts around the conversation. What the assistant says comes from the server, in English. */

export interface Texts {
  language: string;
  title: string;
  subtitle: string;
  openChat: string;
  unread: (count: number) => string;
  closeChat: string;
  conversation: string;
  menu: string;
  copy: string;
  copied: string;
  copyFailed: string;
  print: string;
  save: string;
  deleteChat: string;
  deleteQuestion: string;
  deleteYes: string;
  deleteNo: string;
  deleted: string;
  deleteFailed: string;
  startAgain: string;
  label: string;
  placeholder: string;
  sendMessage: string;
  characters: (used: number, limit: number) => string;
  tooLong: (over: number) => string;
  waiting: string;
  notSent: string;
  tryAgain: string;
  connecting: string;
  offline: string;
  forbidden: string;
  answering: (title: string) => string;
  newMessages: string;
  toEnd: string;
  you: string;
  sources: string;
  emergency: string;
  crisis: string;
  sameDay: string;
  showMessage: string;
  yesterday: string;
  summaryNote: string;
}

const en: Texts = {
  language: "en",
  title: "Backstride",
  subtitle: "Information bot, not a doctor",
  openChat: "Open the chat",
  unread: (count) => (count === 1 ? "1 new message" : `${count} new messages`),
  closeChat: "Close the chat",
  conversation: "Conversation",
  menu: "More",
  copy: "Copy the conversation",
  copied: "Copied.",
  copyFailed: "Copying is not allowed here. Save the conversation instead.",
  print: "Print",
  save: "Save as a text file",
  deleteChat: "Delete this chat",
  deleteQuestion: "Delete this chat, here and on the server? It can't be brought back.",
  deleteYes: "Delete",
  deleteNo: "Keep it",
  deleted: "The chat was deleted, here and on the server.",
  deleteFailed: "The chat could not be deleted on the server, so it is still here. Please try again.",
  startAgain: "Start a new chat",
  label: "Your message",
  placeholder: "Ask about your back",
  sendMessage: "Send",
  characters: (used, limit) => `${used} of ${limit} characters`,
  tooLong: (over) => `${over} characters too long`,
  waiting: "Waiting to be sent",
  notSent: "Not sent.",
  tryAgain: "Try again",
  connecting: "Connecting",
  offline:
    "No connection. I keep trying, and send your message as soon as I can. If it is urgent, call your local emergency number.",
  forbidden: "This chat is not set up for this site yet.",
  answering: (title) => `${title} is writing`,
  newMessages: "New messages",
  toEnd: "To the newest message",
  you: "You",
  sources: "Sources and evidence",
  emergency: "Get help now",
  crisis: "Talk to someone now",
  sameDay: "Get this checked today",
  showMessage: "Show the message",
  yesterday: "Yesterday",
  summaryNote: "General information from a written guide, not medical advice.",
};

const de: Texts = {
  language: "de",
  title: "Backstride",
  subtitle: "Auskunfts-Bot, keine Ärztin und kein Arzt",
  openChat: "Chat öffnen",
  unread: (count) => (count === 1 ? "1 neue Nachricht" : `${count} neue Nachrichten`),
  closeChat: "Chat schließen",
  conversation: "Unterhaltung",
  menu: "Mehr",
  copy: "Unterhaltung kopieren",
  copied: "Kopiert.",
  copyFailed: "Kopieren ist hier nicht erlaubt. Speichern Sie die Unterhaltung stattdessen.",
  print: "Drucken",
  save: "Als Textdatei speichern",
  deleteChat: "Diesen Chat löschen",
  deleteQuestion:
    "Diesen Chat hier und auf dem Server löschen? Er lässt sich nicht wiederherstellen.",
  deleteYes: "Löschen",
  deleteNo: "Behalten",
  deleted: "Der Chat wurde hier und auf dem Server gelöscht.",
  deleteFailed:
    "Der Chat konnte auf dem Server nicht gelöscht werden und ist deshalb noch da. Bitte noch einmal versuchen.",
  startAgain: "Neuen Chat beginnen",
  label: "Ihre Nachricht",
  placeholder: "Fragen Sie auf Englisch",
  sendMessage: "Senden",
  characters: (used, limit) => `${used} von ${limit} Zeichen`,
  tooLong: (over) => `${over} Zeichen zu lang`,
  waiting: "Wartet auf Verbindung",
  notSent: "Nicht gesendet.",
  tryAgain: "Noch einmal",
  connecting: "Verbindung wird aufgebaut",
  offline:
    "Keine Verbindung. Ihre Nachricht wird gesendet, sobald es geht. Wenn es dringend ist, rufen Sie den örtlichen Notruf an.",
  forbidden: "Dieser Chat ist für diese Seite noch nicht eingerichtet.",
  answering: (title) => `${title} schreibt`,
  newMessages: "Neue Nachrichten",
  toEnd: "Zur neuesten Nachricht",
  you: "Sie",
  sources: "Quellen und Belege",
  emergency: "Jetzt Hilfe holen",
  crisis: "Jetzt mit jemandem sprechen",
  sameDay: "Heute untersuchen lassen",
  showMessage: "Nachricht zeigen",
  yesterday: "Gestern",
  summaryNote: "Allgemeine Auskunft aus einem geschriebenen Ratgeber, kein ärztlicher Rat.",
};

const fr: Texts = {
  language: "fr",
  title: "Backstride",
  subtitle: "Robot d’information, pas un médecin",
  openChat: "Ouvrir la discussion",
  unread: (count) => (count === 1 ? "1 nouveau message" : `${count} nouveaux messages`),
  closeChat: "Fermer la discussion",
  conversation: "Discussion",
  menu: "Plus",
  copy: "Copier la discussion",
  copied: "Copié.",
  copyFailed: "La copie n’est pas permise ici. Enregistrez plutôt la discussion.",
  print: "Imprimer",
  save: "Enregistrer en fichier texte",
  deleteChat: "Supprimer cette discussion",
  deleteQuestion:
    "Supprimer cette discussion, ici et sur le serveur ? Elle ne pourra pas être récupérée.",
  deleteYes: "Supprimer",
  deleteNo: "Garder",
  deleted: "La discussion a été supprimée, ici et sur le serveur.",
  deleteFailed:
    "La discussion n’a pas pu être supprimée sur le serveur ; elle est donc encore là. Veuillez réessayer.",
  startAgain: "Commencer une nouvelle discussion",
  label: "Votre message",
  placeholder: "Posez votre question en anglais",
  sendMessage: "Envoyer",
  characters: (used, limit) => `${used} caractères sur ${limit}`,
  tooLong: (over) => `${over} caractères de trop`,
  waiting: "En attente d’envoi",
  notSent: "Non envoyé.",
  tryAgain: "Réessayer",
  connecting: "Connexion",
  offline:
    "Pas de connexion. Votre message partira dès que possible. En cas d’urgence, appelez le numéro d’urgence local.",
  forbidden: "Cette discussion n’est pas encore configurée pour ce site.",
  answering: (title) => `${title} écrit`,
  newMessages: "Nouveaux messages",
  toEnd: "Au dernier message",
  you: "Vous",
  sources: "Sources et preuves",
  emergency: "Demandez de l’aide maintenant",
  crisis: "Parlez à quelqu’un maintenant",
  sameDay: "À faire examiner aujourd’hui",
  showMessage: "Voir le message",
  yesterday: "Hier",
  summaryNote: "Information générale tirée d’un guide écrit, et non un avis médical.",
};

const es: Texts = {
  language: "es",
  title: "Backstride",
  subtitle: "Bot informativo, no es un médico",
  openChat: "Abrir el chat",
  unread: (count) => (count === 1 ? "1 mensaje nuevo" : `${count} mensajes nuevos`),
  closeChat: "Cerrar el chat",
  conversation: "Conversación",
  menu: "Más",
  copy: "Copiar la conversación",
  copied: "Copiado.",
  copyFailed: "Aquí no se permite copiar. Guarde la conversación.",
  print: "Imprimir",
  save: "Guardar como archivo de texto",
  deleteChat: "Borrar este chat",
  deleteQuestion: "¿Borrar este chat, aquí y en el servidor? No se podrá recuperar.",
  deleteYes: "Borrar",
  deleteNo: "Conservar",
  deleted: "El chat se borró, aquí y en el servidor.",
  deleteFailed:
    "El chat no se pudo borrar en el servidor, por eso sigue aquí. Inténtelo de nuevo.",
  startAgain: "Empezar un chat nuevo",
  label: "Su mensaje",
  placeholder: "Pregunte en inglés",
  sendMessage: "Enviar",
  characters: (used, limit) => `${used} de ${limit} caracteres`,
  tooLong: (over) => `${over} caracteres de más`,
  waiting: "Pendiente de envío",
  notSent: "No enviado.",
  tryAgain: "Reintentar",
  connecting: "Conectando",
  offline:
    "Sin conexión. Su mensaje se enviará en cuanto sea posible. Si es urgente, llame al número de emergencias local.",
  forbidden: "Este chat todavía no está configurado para este sitio.",
  answering: (title) => `${title} está escribiendo`,
  newMessages: "Mensajes nuevos",
  toEnd: "Al mensaje más reciente",
  you: "Usted",
  sources: "Fuentes y evidencia",
  emergency: "Busque ayuda ahora",
  crisis: "Hable con alguien ahora",
  sameDay: "Que lo examinen hoy",
  showMessage: "Ver el mensaje",
  yesterday: "Ayer",
  summaryNote: "Información general de una guía escrita, no es consejo médico.",
};

const all: Record<string, Texts> = { en, de, fr, es };

/** The texts in a language such as "de" or "de-AT"; English where there are none. */
export function textsIn(language: string): Texts {
  return all[language.toLowerCase().split("-")[0] ?? "en"] ?? en;
}
