package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

var healthCommand = subcommand{
	name: "health",
	line: "ask a running recbot whether it is ready (for container health checks)",
	run: func(ctx context.Context, c *invocation) error {
		ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
		defer cancel()
		return askReady(ctx, localAddress(c.Listen), c.out)
	},
}

// localAddress is where this machine reaches what listens at addr.
func localAddress(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// askReady prints what /readyz says.
func askReady(ctx context.Context, addr string, out io.Writer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("health at %s: %w", addr, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("no recbot answers at %s; is `recbot serve` running with the same RECBOT_LISTEN?", addr)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 16<<10))
	if err != nil {
		return fmt.Errorf("health at %s: %w", addr, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", strings.Join(strings.Fields(string(body)), " "))
	}
	_, err = fmt.Fprintln(out, "ready")
	return err
}
