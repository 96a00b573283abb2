# Two stages: the compiler stays behind. The image holds both executables, Chromium's headless shell and a
# supervisor from the distribution, and runs as an ordinary user.

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --locked --release --bin magpie --bin magpie-bot

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
      ca-certificates chromium-headless-shell curl fonts-dejavu-core supervisor tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home --home-dir /var/lib/magpie magpie \
 && install --directory --owner=magpie --group=magpie /var/lib/magpie/data
COPY --from=build /src/target/release/magpie /src/target/release/magpie-bot /usr/local/bin/
COPY supervisord.conf /app/
COPY config /app/config
USER magpie
# data/ and logs/ are made here.
WORKDIR /var/lib/magpie
# Most container hosts forbid the user namespaces that Chromium's own sandbox needs: it is used where it can be, and the
# log says where it cannot. Set this to "require" on a host that allows them.
ENV LOG_FORMAT=json MAGPIE_BROWSER__SANDBOX=auto
VOLUME /var/lib/magpie
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD curl --fail --silent --show-error "http://127.0.0.1:${PORT:-8080}/health" || exit 1
# tini reaps what Chromium leaves behind and passes SIGTERM to the supervisor.
ENTRYPOINT ["tini", "--"]
CMD ["supervisord", "--nodaemon", "--configuration", "/app/supervisord.conf"]
