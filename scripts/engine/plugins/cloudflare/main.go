// Command cloudflare is the plugin behind @pulumi/cloudflare for the local target: the resources of this project's stack
// out of the Terraform provider, on Pulumi's bridge. It refuses every API address that is not on this machine.
package main

import (
	"context"

	"github.com/cloudflare/terraform-provider-cloudflare/shim"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"openclaw-ai-gateway/engine/plugins/bridge"
	"openclaw-ai-gateway/engine/plugins/versions"
)

func main() {
	bridge.Serve(bridge.Plugin{
		Name:         "cloudflare",
		Version:      versions.Cloudflare,
		Provider:     shim.NewProvider(versions.Cloudflare),
		SecretConfig: []string{"api_token"},
		Resources: map[string]*info.Resource{
			// It has no id of its own; the official package takes the account's.
			"cloudflare_workers_script_subdomain": {ComputeID: accountID},
		},
	})
}

func accountID(_ context.Context, state resource.PropertyMap) (resource.ID, error) {
	return resource.ID(state["accountId"].StringValue()), nil
}
