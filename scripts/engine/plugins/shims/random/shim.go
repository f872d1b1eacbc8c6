// Package shim lets another module use the random provider, which its own module keeps in an internal package.
package shim

import (
	"github.com/hashicorp/terraform-plugin-framework/provider"
	random "github.com/terraform-providers/terraform-provider-random/internal/provider"
)

// NewProvider returns the random provider as it is.
func NewProvider() provider.Provider {
	return random.New()
}
