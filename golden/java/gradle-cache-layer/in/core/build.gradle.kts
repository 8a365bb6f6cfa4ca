plugins {
    `java-library`
    id("company.java")
}

dependencies {
    implementation(libs.lang)
}
