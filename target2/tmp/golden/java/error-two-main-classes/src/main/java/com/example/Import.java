package com.example;

public class Import {
    public static void main(String[] args) {
    }
}
