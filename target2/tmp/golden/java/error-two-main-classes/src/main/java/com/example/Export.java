package com.example;

public class Export {
    public static void main(String[] args) {
    }
}
