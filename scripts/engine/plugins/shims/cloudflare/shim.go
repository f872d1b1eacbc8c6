// Package shim lets another module use the Cloudflare provider's resources, which its own module keeps in internal packages.
//
// It registers only what this project's stack uses. The whole provider has 282 service packages and takes many
// times longer to compile; the resources here are the same code.
package shim

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/cloudflare/terraform-provider-cloudflare/internal/services/account_api_token_permission_groups"
	"github.com/cloudflare/terraform-provider-cloudflare/internal/services/account_token"
	"github.com/cloudflare/terraform-provider-cloudflare/internal/services/ai_gateway"
	"github.com/cloudflare/terraform-provider-cloudflare/internal/services/secrets_store"
	"github.com/cloudflare/terraform-provider-cloudflare/internal/services/secrets_store_secret"
	"github.com/cloudflare/terraform-provider-cloudflare/internal/services/workers_custom_domain"
	"github.com/cloudflare/terraform-provider-cloudflare/internal/services/workers_script"
	"github.com/cloudflare/terraform-provider-cloudflare/internal/services/workers_script_subdomain"
)

// officialVersion is the version of @pulumi/cloudflare that this plugin stands in for.
const officialVersion = "6.22.1"

// cloudflareProvider is the Cloudflare provider reduced to the resources of this project.
type cloudflareProvider struct {
	version string
}

// NewProvider returns the reduced provider; version goes into the user agent.
func NewProvider(version string) provider.Provider {
	return &cloudflareProvider{version: version}
}

func (p *cloudflareProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "cloudflare"
	resp.Version = p.version
}

func (p *cloudflareProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		account_token.NewResource,
		ai_gateway.NewResource,
		secrets_store.NewResource,
		secrets_store_secret.NewResource,
		workers_custom_domain.NewResource,
		workers_script.NewResource,
		workers_script_subdomain.NewResource,
	}
}

func (p *cloudflareProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		account_api_token_permission_groups.NewAccountAPITokenPermissionGroupsDataSource,
		account_api_token_permission_groups.NewAccountAPITokenPermissionGroupsListDataSource,
	}
}
