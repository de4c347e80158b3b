# The image: one static executable, without a shell or a package manager.
#
#     docker build --tag tiledesk-mock .
#
# A release copies the executables that it has built instead of compiling once more, for two architectures and without emulation:
#
#     docker buildx build --build-context binaries=DIR --platform linux/amd64,linux/arm64 .
#
# where DIR has out/amd64/tiledesk-mock and out/arm64/tiledesk-mock.

# Alpine's target is musl, which links statically. A static glibc could not resolve the names of webhook targets.
FROM rust:1.95.0-alpine AS binaries
ARG TARGETARCH
WORKDIR /src
COPY . .
# hadolint ignore=DL3018
RUN apk add --no-cache musl-dev \
    && cargo build --locked --profile dist --bin tiledesk-mock \
    && install -D target/dist/tiledesk-mock "/out/$TARGETARCH/tiledesk-mock"

FROM scratch
ARG TARGETARCH
COPY --from=binaries /out/${TARGETARCH}/tiledesk-mock /tiledesk-mock
USER 65532:65532
ENV TILEDESK_MOCK_HOST=0.0.0.0
EXPOSE 4010
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s --retries=3 CMD ["/tiledesk-mock", "health"]
ENTRYPOINT ["/tiledesk-mock"]

LABEL org.opencontainers.image.title="tiledesk-mock" \
      org.opencontainers.image.description="A stateful, in-memory fake of the Tiledesk REST API" \
      org.opencontainers.image.source="https://github.com/tiledesk-mock/tiledesk-mock" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
