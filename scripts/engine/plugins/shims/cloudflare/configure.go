package shim

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"regexp"

	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/cloudflare/terraform-provider-cloudflare/internal/customvalidator"
)

// tokenPattern is the shape that the real provider asks of a token too.
var tokenPattern = regexp.MustCompile(`^[0-9A-Za-z\-_]{40,80}$`)

type providerModel struct {
	APIToken types.String `tfsdk:"api_token"`
	BaseURL  types.String `tfsdk:"base_url"`
}

func (p *cloudflareProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"api_token": schema.StringAttribute{
				Optional:  true,
				Sensitive: true,
				Validators: []validator.String{
					customvalidator.NewSensitiveRegexMatchesValidator(
						tokenPattern, "API tokens must only contain characters a-z, A-Z, 0-9, hyphens and underscores",
					),
				},
			},
			"base_url": schema.StringAttribute{Optional: true},
		},
	}
}

func (p *cloudflareProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}

	baseURL := valueOrEnv(config.BaseURL, "CLOUDFLARE_BASE_URL")
	if err := checkLoopback(baseURL); err != nil {
		resp.Diagnostics.AddError("This Cloudflare plugin was built for the local target only", err.Error())
		return
	}

	client := cloudflare.NewClient(
		option.WithBaseURL(baseURL),
		option.WithAPIToken(valueOrEnv(config.APIToken, "CLOUDFLARE_API_TOKEN")),
		option.WithHTTPClient(&http.Client{Transport: loopbackTransport()}),
	)
	resp.DataSourceData = client
	resp.ResourceData = client
}

func valueOrEnv(value types.String, name string) string {
	if !value.IsNull() && !value.IsUnknown() {
		return value.ValueString()
	}
	return os.Getenv(name)
}

// checkLoopback refuses every API address that is not on this machine, the default (the real API) included.
//
// The plugin is made from a subset of the provider's resources, so it must not manage a real account.
func checkLoopback(baseURL string) error {
	const wayOut = "It serves only an API on 127.0.0.1, ::1 or localhost. For a real account use a PULUMI_HOME that " +
		"holds the official plugin: pulumi plugin install resource cloudflare %s"
	if baseURL == "" {
		return fmt.Errorf("no cloudflare:baseUrl is set, so it would reach the real API. "+wayOut, officialVersion)
	}
	parsed, err := url.Parse(baseURL)
	if err != nil || !isLoopback(parsed.Hostname()) {
		return fmt.Errorf("cloudflare:baseUrl is %q. "+wayOut, baseURL, officialVersion)
	}
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback()
}

// loopbackTransport also holds where a redirect or a proxy setting would lead away from this machine.
func loopbackTransport() *http.Transport {
	dialer := &net.Dialer{}
	return &http.Transport{
		Proxy: nil,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, _, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			if !isLoopback(host) {
				return nil, fmt.Errorf("the local Cloudflare plugin does not connect to %s", host)
			}
			return dialer.DialContext(ctx, network, address)
		},
	}
}
