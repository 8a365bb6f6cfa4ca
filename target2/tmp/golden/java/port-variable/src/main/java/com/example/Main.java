package com.example;

import io.javalin.Javalin;

public class Main {
    public static void main(String[] args) {
        String port = System.getenv("PORT");
        Javalin.create().start(port == null ? 7070 : Integer.parseInt(port));
    }
}
