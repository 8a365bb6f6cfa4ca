import html from "@web/rollup-plugin-html";

export default {
  input: "index.html",
  plugins: [html()],
  output: { dir: "build" },
};
