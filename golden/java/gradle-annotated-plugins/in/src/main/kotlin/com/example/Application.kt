package com.example

import io.ktor.server.netty.EngineMain

fun main(args: Array<String>) = EngineMain.main(args)
