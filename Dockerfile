# One static binary in an empty image. The catalogue, the texts and the time zones are inside the binary.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/recbot ./cmd/recbot \
 && mkdir -p /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/recbot /recbot
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENV RECBOT_DATA=/data RECBOT_LISTEN=:8080 RECBOT_LOG=json
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/recbot", "health"]
ENTRYPOINT ["/recbot"]
CMD ["serve"]
