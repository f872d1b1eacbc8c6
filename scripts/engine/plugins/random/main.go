// Command random is the plugin behind @pulumi/random: the Terraform random provider on Pulumi's bridge.
package main

import (
	"github.com/terraform-providers/terraform-provider-random/shim"

	"openclaw-ai-gateway/engine/plugins/bridge"
	"openclaw-ai-gateway/engine/plugins/versions"
)

func main() {
	bridge.Serve(bridge.Plugin{
		Name:        "random",
		Version:     versions.Random,
		Provider:    shim.NewProvider(),
		TokenPrefix: "Random",
	})
}
