// Package bridge serves a Terraform provider as a Pulumi plugin with the tokens of its official Pulumi package.
package bridge

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
)

// Plugin says what is served.
type Plugin struct {
	// Name of the Pulumi package; with an underscore it is also the prefix of the provider's type names.
	Name string
	// Version of the Pulumi package.
	Version string
	// Provider is the Terraform provider behind it.
	Provider provider.Provider
	// TokenPrefix goes before each resource's name: "Random" makes RandomPassword of random_password.
	TokenPrefix string
	// Resources sets what differs from the bridge's defaults, by Terraform type name.
	Resources map[string]*info.Resource
	// SecretConfig lists the provider settings that are secret beyond what the provider marks itself.
	SecretConfig []string
}

// Serve runs the plugin until the engine ends it.
func Serve(plugin Plugin) {
	config := map[string]*info.Schema{}
	for _, name := range plugin.SecretConfig {
		secret := true
		config[name] = &info.Schema{Secret: &secret}
	}
	provider := info.Provider{
		P:                              tfbridge.ShimProvider(plugin.Provider),
		Name:                           plugin.Name,
		Version:                        plugin.Version,
		Config:                         config,
		Resources:                      plugin.Resources,
		MetadataInfo:                   info.NewProviderMetadata([]byte("{}")),
		EnableZeroDefaultSchemaVersion: true,
		EnableAccurateBridgePreview:    true,
	}
	provider.MustComputeTokens(tokens.SingleModule(plugin.Name+"_", "index", makeToken(plugin)))

	// Programs in TypeScript bring their own types, so nothing reads more of the schema than its name.
	schema := []byte(`{"name":"` + plugin.Name + `"}`)
	tfbridge.Main(context.Background(), plugin.Name, provider, tfbridge.ProviderMetadata{PackageSchema: schema})
}

func makeToken(plugin Plugin) tokens.Make {
	standard := tokens.MakeStandard(plugin.Name)
	return func(module, name string) (string, error) {
		return standard(module, plugin.TokenPrefix+name)
	}
}
