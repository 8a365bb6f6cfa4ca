//! The rules: number, name, a page of words, and the function that looks.

use super::view::View;
use super::{bases, copies, installs, linkage, locks, members, order, ports, secrets, start};
use crate::diagnostic::{Diagnostic, Rule};

pub struct Entry {
    pub rule: Rule,
    pub check: fn(&'static Rule, &View) -> Vec<Diagnostic>,
}

macro_rules! table {
    ($($id:literal, $name:literal, $check:path, $words:literal;)*) => {
        pub static TABLE: &[Entry] = &[$(Entry {
            rule: Rule { id: $id, name: $name, words: $words },
            check: $check,
        }),*];
    };
}

table! {
    "RD701", "toolchain shipped", bases::toolchain,
        "The image that runs the program also holds what built it: the Go or Rust toolchain, Maven, Gradle, a C compiler. That is hundreds of megabytes to pull, and a workshop for whoever breaks in. Build in one stage, and copy the program into a last stage on a small base. Nothing is said of images for development and tests, which are told by the names of file, folder and stage.";
    "RD702", "source before manifests", order::source_first,
        "The whole source is copied before the dependencies are installed, so that each changed line installs all of them again. Copy the manifest and the lockfile alone, install, and copy the source after that. A tool whose downloads are all in a cache mount (Go, Maven, Gradle) may have it the other way round.";
    "RD703", "workspace manifest missing", members::workspace,
        "An install in a workspace sees only the members whose package.json is there. npm, pnpm and bun leave the others out without an error, and the program then fails to load them. Named is a member that another copied member depends on.";
    "RD704", "development dependencies shipped", installs::dev_dependencies,
        "Compilers, test frameworks and linters are installed into the image that runs. Install without them in the stage whose packages are shipped, and with them only where the build runs. Nothing is said where the start command itself uses one of them.";
    "RD705", "lockfile is not law", locks::lockfile,
        "There is a lockfile, and the install may choose other versions than it lists: because the file is not copied, because an ignore file hides it, or because the command takes it as advice. Then today's image and tomorrow's differ without a change in the repository.";
    "RD706", "old flag", locks::dropped_flag,
        "The flag is deprecated or gone in the tool's later versions. A flag that a tool no longer knows is ignored or an error: development dependencies come back unseen, or the build stops.";
    "RD707", "JDK at run time", bases::jdk,
        "Java runs on a JDK where a JRE does. The compiler and the tools of the JDK are about 200 MB that the program never uses. Nothing is said where jcmd, jlink and the like are called.";
    "RD708", "libc does not fit", linkage::libc,
        "A program or package was built for one C library and is run with another: glibc against musl, or a newer glibc against an older one. The loader then refuses it at the start, with a message such as `not found` that names the wrong thing. Take the same suite in both stages, or build statically.";
    "RD709", "dynamic program on an empty base", linkage::dynamic_on_static,
        "scratch and distroless/static hold no C library. A Go program with cgo (the default where a C compiler is there) or a Rust program for a gnu target asks for one, and ends with `no such file or directory`.";
    "RD710", "HTTPS without CA roots", linkage::ca_roots,
        "The program calls https addresses, and the image has no certificates to trust: scratch, busybox, and Debian and Ubuntu without ca-certificates. Each call fails with `certificate signed by unknown authority`.";
    "RD711", "base without a version", bases::moving,
        "`latest`, or no tag, is another image after the next release: a build that worked fails one day, or works otherwise. Write the version and the suite, as in `node:24-trixie-slim`. Images that have no versions in their tags are left alone.";
    "RD712", "base past its end of support", bases::ended,
        "The language or the distribution of the base gets no more security updates. Judged at the date of rdock's catalogue. Debian counts as supported while its long-term team supports it.";
    "RD713", "base that is gone", bases::gone,
        "The repository is deprecated, was renamed, or its tags were taken away. It gets no updates, and may not be there for the next build.";
    "RD714", "secret in ARG or ENV", secrets::variables,
        "What ENV says is read by everybody with the image; what ARG is given stays in its history and provenance. Give secrets to a build with `RUN --mount=type=secret`, and to a program when it starts. Public values (`NEXT_PUBLIC_…`, `VITE_…`), paths of secret files, and stand-ins in a build stage are left alone.";
    "RD715", "secret in a layer", secrets::files,
        "A file that holds secrets is copied or written into a layer. Removing it in a later one only hides it: the layer is pushed with the image.";
    "RD716", "secret in the Dockerfile", secrets::literal,
        "The text has the form of a key or token of a known service. It is in the repository's history and in the image's. Revoke it first.";
    "RD717", "program runs as root", start::root,
        "The image names no user, or root. A program that is broken into then owns the container. Nothing is said of images whose start drops its rights by itself (gosu, su-exec, setpriv, nginx, s6), nor of bases whose user rdock does not know.";
    "RD718", "package manager as the start", start::package_manager,
        "`npm start` and its like keep a second process between Docker and the program, write to a home folder that a read-only container lacks, and pass signals on only in part. The script is one plain command: start that. Scripts that need a shell, and those with pre and post hooks, are left alone.";
    "RD719", "shell that keeps signals", start::signals,
        "In the shell form, Docker starts `/bin/sh -c`. Debian's and Ubuntu's shell stays as the first process and passes no signal on: `docker stop` waits ten seconds and kills the program in the middle of its work. Use the exec form, or `exec` in the shell. Other shells that replace themselves are left alone.";
    "RD720", "script without exec", start::script_without_exec,
        "The start is a script whose last line runs the program as a child. The script is the first process and passes no signal on. `exec` before the last command lets the program take its place.";
    "RD721", "start that does not work", start::cannot_start,
        "A start in shell form on a base without a shell, or a CMD beside an ENTRYPOINT in shell form, which ignores it.";
    "RD722", "pattern that matches two jars", copies::jar_pattern,
        "`*.jar` is copied to one file, and the build makes two jars: Gradle with Spring Boot a `-plain.jar`, Maven's shade plugin an `original-….jar`, its source plugin a `-sources.jar`. The COPY fails, or worse takes the wrong one where the target is a folder.";
    "RD723", "COPY from where nothing is", copies::nothing_there,
        "The stage that COPY reads from does not exist, comes later, or has no such folder: no WORKDIR, COPY or RUN of it names the path. The build fails at this line.";
    "RD724", "build result from the context", order::made_by_build,
        "A stage makes this folder, and it is copied from the build context instead. In a clean checkout it is missing and the build fails; on a developer's machine an old one is shipped.";
    "RD725", "cache left in a layer", installs::caches,
        "Package lists and downloads that an install leaves behind are in the image for good. Remove them in the same RUN, switch them off, or keep them in a cache mount, which is faster too. Only the stages that ship count.";
    "RD726", "tools for people in the image", installs::by_hand,
        "Editors and debuggers are in the image that runs. They help an intruder more than anybody. Put them into a stage of its own that is built on demand.";
    "RD727", "context that brings too much", copies::context,
        "`COPY . .` takes all that .dockerignore does not name: the history, the host's packages over the installed ones, a file with secrets that git itself ignores.";
    "RD728", "EXPOSE that contradicts", ports::expose,
        "EXPOSE names a port that the program does not listen on, by the Dockerfile's own PORT or by the program's source. Tools and people that publish it reach nothing.";
    "RD729", "HEALTHCHECK that cannot succeed", ports::health,
        "The check runs a program or a shell that the image does not have. The container is never healthy, and an orchestrator restarts it forever.";
}
