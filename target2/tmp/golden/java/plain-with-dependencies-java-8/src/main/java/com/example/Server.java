package com.example;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import org.apache.commons.lang3.StringUtils;

public class Server {
    public static void main(String[] args) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(8000), 0);
        server.createContext("/", exchange -> {
            byte[] body = StringUtils.reverse("olleh").getBytes();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }
}
