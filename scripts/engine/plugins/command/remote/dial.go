package remote

import (
	"context"
	"net"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/retry"
	"golang.org/x/crypto/ssh"
)

// dialFunc opens the connection below SSH: on the network, or through the host on the way.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// dial connects to the host, through its proxy where it has one.
func (c *Connection) dial(ctx context.Context) (*ssh.Client, error) {
	dialer := (&net.Dialer{Timeout: c.timeout()}).DialContext
	if c.Proxy == nil {
		return c.dialWithRetry(ctx, dialer)
	}
	proxy, err := c.Proxy.dialWithRetry(ctx, (&net.Dialer{Timeout: c.Proxy.timeout()}).DialContext)
	if err != nil {
		return nil, err
	}
	client, err := c.dialWithRetry(ctx, proxy.DialContext)
	if err != nil {
		proxy.Close()
		return nil, err
	}
	go func() { // nothing else holds the proxy's connection
		_ = client.Wait()
		proxy.Close()
	}()
	return client, nil
}

// dialWithRetry tries again after every error, a refused key included, until the limit is reached or the context ends.
func (e *Endpoint) dialWithRetry(ctx context.Context, dial dialFunc) (*ssh.Client, error) {
	config, err := e.sshConfig()
	if err != nil {
		return nil, err
	}
	limit := valueOr(e.DialErrorLimit, defaultDialErrorLimit)
	var client *ssh.Client
	connected, _, err := retry.Until(ctx, retry.Acceptor{
		Accept: func(try int, _ time.Duration) (bool, any, error) {
			var err error
			client, err = e.dialOnce(ctx, config, dial)
			if err == nil {
				return true, nil, nil
			}
			if limit >= 0 && try+1 > limit {
				return false, nil, err
			}
			p.GetLogger(ctx).InfoStatusf("Dial %d failed: retrying (%v)", try+1, err)
			return false, nil, nil
		},
	})
	if err == nil && !connected {
		err = ctx.Err()
	}
	return client, err
}

func (e *Endpoint) dialOnce(ctx context.Context, config *ssh.ClientConfig, dial dialFunc) (*ssh.Client, error) {
	address := e.address()
	connection, err := dial(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if limit := e.timeout(); limit > 0 {
		// Not every connection has deadlines: one through a proxy does not. Closing it ends the handshake there too.
		defer time.AfterFunc(limit, func() { connection.Close() }).Stop()
	}
	sshConnection, channels, requests, err := ssh.NewClientConn(connection, address, config)
	if err != nil {
		connection.Close()
		return nil, err
	}
	return ssh.NewClient(sshConnection, channels, requests), nil
}
