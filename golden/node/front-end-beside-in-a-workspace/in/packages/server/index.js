const express = require("express");
const path = require("path");

const app = express();
const dist = path.join(__dirname, "..", "client", "dist");
app.use(express.static(dist));
app.get("/api/hello", (req, res) => res.json({ hello: "world" }));
app.listen(process.env.PORT || 3000);
