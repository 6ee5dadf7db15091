# The Data Usage Monitor as an image: one for all three containers of
# compose.yaml, which says how each is started. The programs are built here from
# this checkout, the page from its lock file.

FROM debian:bookworm-slim AS build
WORKDIR /source
# What is installed changes seldom: a layer of its own, before the source.
COPY scripts/deps scripts/deps
RUN apt-get update && scripts/deps --build
COPY . .
RUN make -s all && make -s install DESTDIR=/image PREFIX=/usr
# Man pages and what belongs to other ways of installing.
RUN rm -r /image/usr/share/man /image/usr/sbin \
    /image/usr/share/data-usage-monitor/setup \
    /image/usr/share/data-usage-monitor/system && \
    strip /image/usr/bin/dum-* /image/usr/lib/data-usage-monitor/dum-api && \
    install -D -m 0755 scripts/container /image/usr/bin/dum-container && \
    install -D -m 0644 nginx/container.conf.in \
    /image/usr/share/data-usage-monitor/nginx/container.conf.in

FROM debian:bookworm-slim
# libfcgi-bin asks the workers for their health past nginx.
RUN apt-get update && \
    apt-get install -y --no-install-recommends ca-certificates curl \
    libcsv3 libfcgi0ldbl libfcgi-bin libgcrypt20 libjansson4 libsqlite3-0 \
    multiwatch nginx-light openssl procps spawn-fcgi tzdata zlib1g && \
    rm -rf /var/lib/apt/lists/*
COPY --from=build /image/ /
# Numbers that stay the same from image to image, since volumes keep them. The
# folders' owners are what a new volume gets. nginx's container has the user
# www-data in the group of the socket.
RUN groupadd --system --gid 990 datamonitor && \
    useradd --system --uid 990 --gid 990 --no-create-home \
    --home-dir /var/lib/data-usage-monitor --shell /usr/sbin/nologin datamonitor && \
    install -d -m 0750 -o datamonitor -g datamonitor \
    /var/lib/data-usage-monitor /run/data-usage-monitor && \
    install -d -m 0700 -o www-data -g datamonitor \
    /etc/data-usage-monitor/tls /var/cache/data-usage-monitor && \
    sed 's|@TIMEZONE@|UTC|; s|@BIN@|/usr/bin|' \
    /usr/share/data-usage-monitor/dum.conf.in >/etc/data-usage-monitor/dum.conf

VOLUME ["/var/lib/data-usage-monitor", "/run/data-usage-monitor"]
USER datamonitor
ENTRYPOINT ["dum-container"]
CMD ["serve"]
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s \
    CMD ["dum-container", "healthy", "serve"]
