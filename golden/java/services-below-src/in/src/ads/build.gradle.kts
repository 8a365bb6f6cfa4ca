plugins {
    application
}

java {
    toolchain { languageVersion = JavaLanguageVersion.of(24) }
}

application {
    mainClass = "com.example.Ads"
}
