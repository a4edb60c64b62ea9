import { defineConfig } from "vite";

// One file with everything in it: a site adds one tag and asks nobody else.
export default defineConfig({
  build: {
    target: ["chrome123", "firefox121", "safari17.5"],
    modulePreload: false,
    rolldownOptions: {
      input: "src/backstride.ts",
      output: { format: "es", entryFileNames: "backstride.js" },
    },
  },
});
