package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheListOfLicencesIsOfWhatIsLinked(t *testing.T) {
	kept, err := os.ReadFile("../../docs/third-party-licenses.txt")
	require.NoError(t, err)
	var now strings.Builder
	require.NoError(t, write(t.Context(), &now, "../.."))
	assert.Equal(t, string(kept), now.String(), "make licenses writes it anew")
}

func TestALicenceIsKnownByItsText(t *testing.T) {
	for text, want := range map[string]string{
		"MIT License\n\nPermission is hereby granted, free of\ncharge, to any person obtaining a copy of":                                    "MIT",
		"Apache License\n   Version 2.0, January 2004":                                                                                       "Apache-2.0",
		"Redistributions in binary form must reproduce the above copyright notice":                                                           "BSD-2-Clause",
		"Redistributions in binary form must reproduce the above copyright notice … may be used to endorse or promote products derived from": "BSD-3-Clause",
		"Apache License Version 2.0 … Permission is hereby granted, free of charge, to any person obtaining a copy":                          "Apache-2.0 AND MIT",
	} {
		got, err := identify(text)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

func TestAnUnknownLicenceIsRefused(t *testing.T) {
	for _, text := range []string{
		"You may look at this, but not touch it.",
		"GNU Lesser General Public License, version 3",
		"Mozilla Public License Version 2.0",
	} {
		_, err := identify(text)
		assert.Error(t, err, text)
	}
	_, _, err := read(t.TempDir())
	assert.ErrorContains(t, err, "has no licence")
}
