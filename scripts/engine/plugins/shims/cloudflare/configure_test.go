package shim

import (
	"context"
	"strings"
	"testing"
)

func TestOnlyLoopbackIsServed(t *testing.T) {
	for _, allowed := range []string{
		"http://127.0.0.1:1234/client/v4", "http://localhost:1", "http://[::1]:1/client/v4", "https://127.9.9.9/",
	} {
		if err := checkLoopback(allowed); err != nil {
			t.Errorf("%s was refused: %v", allowed, err)
		}
	}
	for _, refused := range []string{
		"", "https://api.cloudflare.com/client/v4", "http://127.0.0.1.example.com/", "http://10.0.0.1/", "http://localhost.example/",
		"http://127.0.0.1@example.com/", "127.0.0.1:80", "::",
	} {
		err := checkLoopback(refused)
		if err == nil {
			t.Errorf("%q was accepted", refused)
		} else if !strings.Contains(err.Error(), "pulumi plugin install resource cloudflare 6.22.1") {
			t.Errorf("%q: no way out named: %v", refused, err)
		}
	}
}

func TestTransportStaysOnThisMachine(t *testing.T) {
	_, err := loopbackTransport().DialContext(context.Background(), "tcp", "192.0.2.1:443")
	if err == nil || !strings.Contains(err.Error(), "does not connect to 192.0.2.1") {
		t.Fatalf("got %v", err)
	}
}
