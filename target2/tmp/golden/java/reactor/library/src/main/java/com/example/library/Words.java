package com.example.library;

public class Words {
    public static String greeting() {
        return "hello";
    }
}
