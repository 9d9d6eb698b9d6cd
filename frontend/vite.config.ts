import { defineConfig } from "vitest/config";

// One ES module and the licences of what is in it; `--outDir X` builds elsewhere,
// so that CI can compare the committed bundle with a fresh one byte by byte.
export default defineConfig({
  build: {
    target: "es2022",
    outDir: "../custom_components/cem/frontend",
    emptyOutDir: false,
    license: { fileName: "cem.licenses.md" },
    lib: { entry: "src/cem.ts", formats: ["es"], fileName: () => "cem.js" },
    rolldownOptions: { output: { codeSplitting: false, minify: true } },
  },
  define: { "process.env.NODE_ENV": '"production"' },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"] },
});
