// Command command is a plugin behind @pulumi/command: its remote.Command, made for machines that cannot download the
// official plugin, whose code is in no public Go module. It behaves as version 1.2.1 does.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/pulumi/pulumi-go-provider/infer"

	"openclaw-ai-gateway/engine/plugins/command/remote"
	"openclaw-ai-gateway/engine/plugins/versions"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	provider, err := infer.NewProviderBuilder().WithResources(infer.Resource(&remote.Command{})).Build()
	if err != nil {
		return err
	}
	return provider.Run(context.Background(), "command", versions.Command)
}
