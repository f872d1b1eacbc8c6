package remote

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/ssh"
)

// testServer is an SSH server on loopback that runs a few built-in commands and forwards connections as a proxy does.
type testServer struct {
	port        int
	hostKey     string // as an authorized_keys line
	privateKey  string // of the only user who may log in
	connections atomic.Int32
}

func startServer(t *testing.T) *testServer {
	t.Helper()
	_, host := newKey(t)
	clientPEM, client := newKey(t)
	server := &testServer{
		hostKey:    strings.TrimSpace(string(ssh.MarshalAuthorizedKey(host.PublicKey()))),
		privateKey: clientPEM,
	}
	config := &ssh.ServerConfig{
		PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if string(key.Marshal()) != string(client.PublicKey().Marshal()) {
				return nil, fmt.Errorf("unknown key")
			}
			return nil, nil
		},
	}
	config.AddHostKey(host)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	server.port = listener.Addr().(*net.TCPAddr).Port
	go server.accept(listener, config)
	return server
}

func newKey(t *testing.T) (string, ssh.Signer) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block)), signer
}

func (s *testServer) accept(listener net.Listener, config *ssh.ServerConfig) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		s.connections.Add(1)
		go func() {
			_, channels, requests, err := ssh.NewServerConn(connection, config)
			if err != nil {
				return
			}
			go ssh.DiscardRequests(requests)
			for channel := range channels {
				go serveChannel(channel)
			}
		}()
	}
}

func serveChannel(channel ssh.NewChannel) {
	if channel.ChannelType() == "direct-tcpip" {
		forward(channel)
		return
	}
	stream, requests, err := channel.Accept()
	if err != nil {
		return
	}
	environment := map[string]string{}
	for request := range requests {
		switch request.Type {
		case "env":
			var variable struct{ Name, Value string }
			_ = ssh.Unmarshal(request.Payload, &variable)
			accepted := variable.Name == "ACCEPTED"
			if accepted {
				environment[variable.Name] = variable.Value
			}
			_ = request.Reply(accepted, nil)
		case "exec":
			var exec struct{ Command string }
			_ = ssh.Unmarshal(request.Payload, &exec)
			_ = request.Reply(true, nil)
			status := runCommand(exec.Command, stream, environment)
			_, _ = stream.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{status}))
			stream.Close()
		}
	}
}

func runCommand(command string, stream ssh.Channel, environment map[string]string) uint32 {
	switch command {
	case "cat":
		_, _ = io.Copy(stream, stream)
	case "fail":
		fmt.Fprintln(stream, "on stdout")
		fmt.Fprintln(stream.Stderr(), "on stderr")
		return 3
	case "env":
		fmt.Fprintln(stream, environment["ACCEPTED"])
	case "long":
		fmt.Fprintln(stream, strings.Repeat("x", 70_000))
	default:
		fmt.Fprintln(stream, "ran", command)
	}
	return 0
}

func forward(channel ssh.NewChannel) {
	var target struct {
		Host       string
		Port       uint32
		FromHost   string
		SourcePort uint32
	}
	_ = ssh.Unmarshal(channel.ExtraData(), &target)
	connection, err := net.Dial("tcp", net.JoinHostPort(target.Host, fmt.Sprint(target.Port)))
	if err != nil {
		_ = channel.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	stream, requests, err := channel.Accept()
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	go func() { _, _ = io.Copy(connection, stream); connection.Close() }()
	go func() { _, _ = io.Copy(stream, connection); stream.Close() }()
}
