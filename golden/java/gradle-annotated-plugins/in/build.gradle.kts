import org.jetbrains.kotlin.gradle.dsl.JvmTarget

@Suppress("DSL_SCOPE_VIOLATION") plugins {
    application
    kotlin("jvm") version "2.2.21"
}

application {
    mainClass = "com.example.ApplicationKt"
}

kotlin {
    compilerOptions {
        languageVersion = "1.9"
        jvmTarget = JvmTarget.JVM_16
    }
}

dependencies {
    implementation("io.ktor:ktor-server-netty:3.3.2")
}
