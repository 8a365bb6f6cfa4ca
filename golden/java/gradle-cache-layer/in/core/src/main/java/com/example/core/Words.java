package com.example.core;

public class Words {
}
