// Command gen turns the facts in internal/vin/data into sorted tables, written as
// Go constants, so that the program looks them up without building anything first.
// It is run by go generate in internal/vin.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := generate("data", "tables_generated.go"); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// generate reads the facts in a folder and writes the Go file.
func generate(folder, file string) error {
	f, err := readFacts(os.DirFS(folder))
	if err != nil {
		return err
	}
	source, err := f.source()
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, source, 0o600); err != nil {
		return fmt.Errorf("write the tables: %w", err)
	}
	return nil
}
