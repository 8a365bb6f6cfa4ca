# syntax=docker/dockerfile:1
# Made by rdock (checksum cf91f073); `rdock generate` writes it again.
# Build it from the repository root:
#   docker build -t rdock .

# build compiles the program with Rust 1.98: Cargo.toml says `rust-version = "1.88"`, newest supported Rust that is not older
FROM rust:1.98-slim-trixie AS build
ENV CARGO_TARGET_DIR=/target
WORKDIR /src
ARG TARGETARCH

# Compiled dependencies stay in the cache mount. The project's own packages are dropped first:
# cargo goes by dates, and the mount outlives the checkout.
RUN --mount=type=bind,target=/src,rw \
    --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,id=rdock-target-$TARGETARCH,target=/target,sharing=locked \
    cargo clean --locked --release --workspace \
    && cargo build --locked --release --bin rdock \
    && mkdir /out \
    && cp /target/release/rdock /out/

# runtime holds the program alone: glibc and the libraries that the program links, no shell, no package manager
FROM gcr.io/distroless/cc-debian13:nonroot AS runtime
COPY --from=build --link /out/rdock /usr/local/bin/rdock
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/rdock"]
