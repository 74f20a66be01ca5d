# The build: a static binary, and the two folders that it may write to.
FROM golang:1.26-bookworm AS build

# Where modules come from; empty means Go's own default.
ARG GOPROXY
ARG GOSUMDB

WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
ARG COMMIT=unknown
RUN make build VERSION="$VERSION" COMMIT="$COMMIT" \
	&& mkdir -p /rootfs/data /rootfs/tmp \
	&& chmod 0750 /rootfs/data \
	&& chown -R 65532:65532 /rootfs

# The image: nothing but the binary and the certificates that it trusts.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /src/LICENSE /src/docs/third-party-licenses.txt /
COPY --from=build --chown=65532:65532 /rootfs/ /
COPY --from=build /src/bin/vinbot /vinbot

# Not root. Everything that is kept is in /data; the root can be read-only.
USER 65532:65532
WORKDIR /data
VOLUME /data
ENV DATABASE_URL=sqlite:///data/vinbot.db \
	DATA_DIR=/data \
	HTTP_ADDR=:8080 \
	OPS_ADDR=:9090

EXPOSE 8080 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["/vinbot", "health"]
ENTRYPOINT ["/vinbot"]
