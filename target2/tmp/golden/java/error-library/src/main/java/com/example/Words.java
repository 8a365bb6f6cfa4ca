package com.example;

public class Words {
}
