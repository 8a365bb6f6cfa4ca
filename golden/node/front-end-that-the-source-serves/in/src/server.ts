import express from "express";

const app = express();
/* Not '../old/dist', which isn't there: the built pages of ../web. */
app.use(express.static(new URL("../web/dist", import.meta.url).pathname));
app.listen(Number(process.env.PORT ?? 4000));
