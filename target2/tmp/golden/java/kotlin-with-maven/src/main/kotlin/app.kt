package com.example

import io.javalin.Javalin

fun main() {
    Javalin.create().get("/") { it.result("hello") }.start(7070)
}
