package dev.acme.tool;

public class Generator {
    public static void main(String[] args) throws Exception {
        new java.io.File(args[0]).createNewFile();
    }
}
