#!/usr/bin/env node
import { app } from "./app.js";

app().listen(Number(process.env.PORT ?? 3000));
