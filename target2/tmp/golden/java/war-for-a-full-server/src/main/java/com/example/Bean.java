package com.example;

import jakarta.ejb.Stateless;

@Stateless
public class Bean {
}
