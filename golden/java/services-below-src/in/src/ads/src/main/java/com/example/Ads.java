package com.example;

public class Ads {
    public static void main(String[] args) {
        System.out.println("ads");
    }
}
