//! The rules of Java.

use crate::diagnostic::Rule;

macro_rules! rules {
    ($($id:ident = $code:literal, $name:literal, $words:literal;)*) => {
        $(pub static $id: Rule = Rule { id: $code, name: $name, words: $words };)*
        pub static ALL: &[&Rule] = &[$(&$id),*];
    };
}

rules! {
    ODD_VERSION = "RD501", "value that is no version of Java",
        "A file sets the version of Java to something that is no number. rdock goes on with the next place that says one, because compilers accept more than rdock can name.";
    NO_MAIN = "RD502", "no class to start",
        "The build makes a jar, and nothing says which class of it is to be started: no manifest, no plugin and no source file with a main method. Configure the main class in the build, or give --main.";
    BROKEN_WRAPPER = "RD503", "wrapper that cannot be used",
        "The project has a wrapper script, but it cannot work in a container: its jar is not in the repository, its properties are missing, or the script has Windows line ends. rdock takes the build tool's own image instead, whose version may differ from the wrapper's.";
    EXTERNAL_PARENT = "RD504", "parent pom that is not in the repository",
        "The pom inherits from a parent that only a repository manager knows. What that parent says (the version of Java, plugins, names) is unknown here, so rdock relies on what the project itself says and takes the artifact that the build really makes.";
    SERVER_API = "RD505", "war for a full Jakarta EE server",
        "The war uses APIs that Tomcat does not have (EJB, CDI, JAX-RS) and does not bring them along. It needs WildFly, Payara or Open Liberty; rdock's Dockerfile runs Tomcat and will not start such an application.";
    OLD_BUILD_TOOL = "RD506", "build tool that cannot run on this Java",
        "The wrapper pins a Gradle that does not run on the Java that the project asks for. The build fails until the wrapper is updated: `./gradlew wrapper --gradle-version …`.";
    GUESSED_ARTIFACT = "RD508", "artifact whose name is not known",
        "The name of the jar or war depends on something that only the build knows, such as a version made from git. The Dockerfile takes the one file that fits and fails where there is none or more than one.";
}
