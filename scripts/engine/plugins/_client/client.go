// Package cloudflare takes the place of the root package of cloudflare-go when the plugin is built.
//
// The original's Client names the services of every Cloudflare product. Each of the provider's packages imports it, so each
// of them costs half a minute and more than 1 GB to compile. This one names what the stack's resources use; everything
// below it is the original module.
package cloudflare

import (
	"context"
	"net/http"
	"slices"

	"github.com/cloudflare/cloudflare-go/v7/accounts"
	"github.com/cloudflare/cloudflare-go/v7/ai_gateway"
	"github.com/cloudflare/cloudflare-go/v7/internal/requestconfig"
	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/secrets_store"
	"github.com/cloudflare/cloudflare-go/v7/workers"
)

// Client reaches the services of this project's stack.
type Client struct {
	options []option.RequestOption

	Accounts     *accounts.AccountService
	AIGateway    *ai_gateway.AIGatewayService
	SecretsStore *secrets_store.SecretsStoreService
	Workers      *workers.WorkerService
}

// NewClient uses the options alone. It has no default address and, unlike the original, reads nothing from the environment.
func NewClient(options ...option.RequestOption) *Client {
	return &Client{
		options:      options,
		Accounts:     accounts.NewAccountService(options...),
		AIGateway:    ai_gateway.NewAIGatewayService(options...),
		SecretsStore: secrets_store.NewSecretsStoreService(options...),
		Workers:      workers.NewWorkerService(options...),
	}
}

// Get requests a path that no service has a method for.
func (c *Client) Get(
	ctx context.Context, path string, params, result any, options ...option.RequestOption,
) error {
	options = slices.Concat(c.options, options)
	return requestconfig.ExecuteNewRequest(ctx, http.MethodGet, path, params, result, options...)
}
