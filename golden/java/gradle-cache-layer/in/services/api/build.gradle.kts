plugins {
    id("company.java")
    alias(libs.plugins.spring.boot)
}

version = "1.4"

dependencies {
    implementation(project(":core"))
    implementation(libs.web)
}

tasks.bootJar {
    archiveFileName.set("api.jar")
}
