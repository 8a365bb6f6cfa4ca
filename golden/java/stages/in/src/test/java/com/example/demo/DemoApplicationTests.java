package com.example.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DemoApplicationTests {
    @Test
    void theClassIsThere() {
        assertTrue(DemoApplication.class.getName().endsWith("Application"));
    }
}
