//! What can be wrong with a Node.js project, in words.

use crate::diagnostic::Rule;

macro_rules! rules {
    ($($id:ident = $code:literal, $name:literal, $words:literal;)*) => {
        $(pub static $id: Rule = Rule { id: $code, name: $name, words: $words };)*
        pub static ALL: &[&Rule] = &[$(&$id),*];
    };
}

rules! {
    NO_START = "RD301", "nothing to start",
        "The package has dependencies and scripts, but neither a framework that rdock knows, nor a start script, a Procfile, a `main`, or a file with one of the usual names. A library has no program of its own. The message says where rdock looked; `--command` or `command` in rdock.toml decides.";
    NODE_RANGE = "RD302", "no Node.js for this range",
        "The project's range of Node.js versions is empty, cannot be read, or admits no release that there is an image of. The message names the supported lines.";
    TWO_LOCKFILES = "RD303", "lockfiles of two package managers",
        "Two package managers left a lockfile, and package.json does not say with `packageManager` which one counts. rdock takes the one that it can tell to be in use and says so; delete the other.";
    NO_LOCKFILE = "RD304", "no lockfile",
        "Without a lockfile an install takes the newest versions that the ranges admit, so the same Dockerfile may give another image tomorrow, and a cached layer may be older than the ranges ask for. Commit the lockfile; the build then installs exactly it.";
    SCRIPTS_BLOCKED = "RD306", "install script that is not approved",
        "The package manager runs install scripts of approved packages alone (npm 12 `allowScripts`, pnpm 10 `onlyBuiltDependencies`, pnpm 11 `allowBuilds`, Bun `trustedDependencies`). A package that compiles or downloads its native part in such a script installs without it, and fails when it is first required.";
    ADAPTER = "RD307", "no server adapter",
        "The framework builds for whatever platform its adapter names, and the project's adapter does not make a program that Node.js could start. Add the framework's Node adapter, or its static one.";
    COMPUTED = "RD308", "setting that only running the project would tell",
        "A setting that decides what the build makes is computed in a config file. rdock runs nothing of a project, so it takes the shape that works either way where there is one.";
    DEV_SERVER = "RD309", "development server as start command",
        "The start script runs a development server or a file watcher. It needs the development dependencies, compiles on request and leaks sources, so rdock starts the built program in its place.";
    PRIVATE_REGISTRY = "RD310", "registry that wants credentials",
        "Packages come from a registry that wants a token. rdock never writes one into the image: the install mounts it as a build secret, and the header of the Dockerfile shows the flag.";
    NATIVE = "RD311", "native module",
        "A dependency has a part in C or C++ (or brings a browser). rdock knows what it needs to be built and to run, and chooses the bases for it.";
    SHELL_START = "RD315", "start command that needs a shell",
        "The start script chains commands or expands variables. A container's program is started without a shell, so that it gets the signals itself. rdock starts the part that stays, and says what it left out: migrations belong into a job of their own.";
    PLATFORM = "RD317", "lockfile of another system",
        "npm leaves the packages for other systems out of a lockfile where node_modules was there when it was written (npm issue 4828). A bundler then lacks its own program on Linux. rdock installs it beside the lockfile; a lockfile that is made anew needs no such step.";
    LITERAL_TOKEN = "RD316", "credential in a committed file",
        "An .npmrc or .yarnrc.yml in the repository holds a token as plain text. rdock does not copy it into the build: mount it as a secret, and revoke the committed one.";
    OUTSIDE = "RD318", "dependency outside of the repository",
        "A dependency is a folder beside or above the package, such as `file:../shared`, and that folder is not in the repository. A build sees its context alone, so the install would not find it. Where the folder is in the repository, the build context begins above both.";
    CLOUDFLARE = "RD319", "program for Cloudflare",
        "Wrangler deploys this program to Cloudflare, where a request calls a function that it exports. Node.js would load the file and end, as nothing listens. A start script with a server for Node.js, or another file given with `--main`, makes a container of it. Of a page that a Worker belongs to, the image holds the files alone.";
    DESKTOP = "RD320", "desktop program",
        "Electron, Tauri or NW.js opens a window for this program, and a container has no screen. A page that the shell alone can serve is no site either. Another file of the package, a server for instance, is started with `--main`.";
    PRELOAD = "RD321", "file that is loaded first and is not there",
        "The start script lets Node.js load a file before the program (`--require ./tracing.js`), and neither the repository nor the build has it at that place. Node.js would end at once, so the image starts without it. Commit the file, or name it where it is.";
    MIGRATION = "RD322", "build step that needs the database",
        "The build script changes a database (`prisma migrate deploy`, `drizzle-kit push`). There is none while an image is built, and the same image starts many times, so rdock runs the other steps of the script alone. Run the migration as a job of its own before the container starts.";
}
