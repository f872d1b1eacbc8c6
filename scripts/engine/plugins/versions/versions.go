// Package versions holds the versions that the plugins answer with. The build sets them from the installed npm packages
// (-ldflags -X), because the engine looks for the plugin version that the package names.
package versions

var (
	// Random is the version of @pulumi/random.
	Random string
	// Cloudflare is the version of @pulumi/cloudflare.
	Cloudflare string
	// Command is the version of @pulumi/command.
	Command string
)
