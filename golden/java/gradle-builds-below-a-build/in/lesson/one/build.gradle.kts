plugins {
    kotlin("jvm") version "2.2.0"
    application
}

application { mainClass = "acme.OneKt" }
