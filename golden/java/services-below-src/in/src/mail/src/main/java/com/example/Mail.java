package com.example;

public class Mail {
    public static void main(String[] args) {
        System.out.println("mail");
    }
}
