"""The commonest danger signs in Spanish, French, German, Portuguese and Italian."""

from __future__ import annotations

import pytest

from backstride.red_flags import detector

SIGNS = [
    ("RF-01", "tengo la entrepierna completamente dormida desde ayer"),
    ("RF-01", "ya no siento las partes íntimas"),
    ("RF-01", "j'ai l'entrejambe tout engourdi depuis hier"),
    ("RF-01", "je ne sens plus mes fesses"),
    ("RF-01", "mein Po ist seit gestern ganz taub"),
    ("RF-01", "ich habe kein Gefühl mehr im Schritt"),
    ("RF-01", "estou com a virilha dormente"),
    ("RF-01", "não sinto nada entre as pernas"),
    ("RF-01", "ho il sedere addormentato da ieri"),
    ("RF-01", "non sento più le parti intime"),
    ("RF-02", "desde anoche no he podido orinar"),
    ("RF-02", "se me escapa el pis"),
    ("RF-02", "impossible de faire pipi depuis ce matin"),
    ("RF-02", "j'ai perdu le contrôle de ma vessie"),
    ("RF-02", "seit heute kann ich kaum Wasser lassen"),
    ("RF-02", "ich kann den Urin nicht halten"),
    ("RF-02", "não consigo fazer xixi desde ontem"),
    ("RF-02", "perdi o controle da bexiga"),
    ("RF-02", "non riesco più a fare la pipì"),
    ("RF-02", "ho perso il controllo della vescica"),
    ("RF-03", "he perdido el control del esfínter"),
    ("RF-03", "je ne retiens plus mes selles"),
    ("RF-03", "ich kann den Stuhl nicht mehr halten"),
    ("RF-03", "não consigo segurar as fezes"),
    ("RF-03", "non riesco a trattenere le feci"),
    ("RF-05", "tengo las dos piernas dormidas"),
    ("RF-05", "se me doblan las piernas, no tengo fuerza, las dos piernas débiles"),
    ("RF-05", "mes deux jambes lâchent"),
    ("RF-05", "j'ai les deux pieds engourdis"),
    ("RF-05", "beide Beine knicken weg"),
    ("RF-05", "meine Beine sind taub"),
    ("RF-05", "as duas pernas estão fracas"),
    ("RF-05", "le gambe non mi reggono"),
    ("RF-05", "ho entrambi i piedi intorpiditi"),
    ("RF-06", "no puedo mover el pie derecho"),
    ("RF-06", "je n'arrive plus à lever le pied"),
    ("RF-06", "ich kann meinen Fuß nicht mehr heben"),
    ("RF-06", "mein Bein ist plötzlich schwach"),
    ("RF-06", "não consigo levantar o pé"),
    ("RF-06", "non riesco a muovere il piede"),
    ("RF-18", "me duele mucho el pecho"),
    ("RF-18", "siento una opresión en el pecho y me falta el aire"),
    ("RF-18", "j'ai mal à la poitrine"),
    ("RF-18", "ma femme est essoufflée au repos"),
    ("RF-18", "ich habe Schmerzen in der Brust"),
    ("RF-18", "ich bekomme keine Luft"),
    ("RF-18", "estou com aperto no peito"),
    ("RF-18", "estou com falta de ar"),
    ("RF-18", "sento un peso sul petto"),
    ("RF-18", "mi manca il respiro"),
    ("RF-32", "a veces pienso en desaparecer, prefiero estar muerto"),
    ("RF-32", "ya no quiero vivir así"),
    ("RF-32", "j'ai envie de mourir"),
    ("RF-32", "je ne veux plus être là"),
    ("RF-32", "ich möchte nicht mehr leben"),
    ("RF-32", "ich würde am liebsten sterben, ich will nicht mehr da sein"),
    ("RF-32", "às vezes penso em morrer"),
    ("RF-32", "não quero mais viver"),
    ("RF-32", "vorrei morire"),
    ("RF-32", "non ha più senso vivere"),
]
ORDINARY = [
    "me duele un poco la espalda después de correr",
    "j'ai mal au dos après la course",
    "ich habe Rückenschmerzen nach dem Laufen",
    "tenho dor nas costas depois de correr",
    "ho mal di schiena dopo la corsa",
    "cuántos kilómetros puedo correr por semana",
    "quels exercices pour renforcer le dos",
    "wie kann ich meinen Rumpf stärken",
    "voglio correre una maratona",
    "quero correr uma maratona",
]


@pytest.mark.parametrize(("sign", "text"), SIGNS)
def test_a_sign_is_found_in_five_languages(sign: str, text: str) -> None:
    found = {finding.sign: finding.status for finding in detector().find(text)}
    assert found.get(sign) == "present"


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_message_in_another_language_holds_no_sign(text: str) -> None:
    assert detector().find(text) == ()
