"""msp-ops …: what people type. Imports at the top of these modules are light; commands import what they need."""
