"""What WinRM says instead of an answer. Each has its source: recorded from a Windows host, documented, or invented."""

from xml.sax.saxutils import escape

from typing_extensions import override

from msp_ops.lab.winrm.names import WSMAN

_WMI_ERROR = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError"
_WSMAN_FAULT = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
_PLUGIN = 'provider="Shell cmd plugin" path="%systemroot%\\system32\\winrscmd.dll"'


class Fault(Exception):  # noqa: N818  # the protocol's word
    """A SOAP fault with a WSManFault in its detail."""

    def __init__(self, code: int, text: str, subcode: str = "w:InternalError", *, sender: bool = False) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self._subcode = subcode
        self._value = "s:Sender" if sender else "s:Receiver"

    def body(self) -> str:
        """The content of `s:Body`."""
        reason = escape(self.text)
        return (
            f"<s:Fault><s:Code><s:Value>{self._value}</s:Value><s:Subcode><s:Value>{self._subcode}</s:Value></s:Subcode>"
            f'</s:Code><s:Reason><s:Text xml:lang="en-US">{reason}</s:Text></s:Reason>'
            f"<s:Detail>{self.detail()}</s:Detail></s:Fault>"
        )

    def detail(self) -> str:
        return self._wsman_fault(escape(self.text))

    def _wsman_fault(self, message: str) -> str:
        return (
            f'<f:WSManFault xmlns:f="{_WSMAN_FAULT}" Code="{self.code}" Machine="127.0.0.1">'
            f"<f:Message>{message}</f:Message></f:WSManFault>"
        )


class PluginFault(Fault):
    """Recorded: what the plug-in of the command shell says stands in a ProviderFault."""

    @override
    def detail(self) -> str:
        found = self._wsman_fault(f"<f:ProviderFault {_PLUGIN}>{escape(self.text)}</f:ProviderFault>")
        if self._subcode != "w:InvalidParameter":
            return found
        return f"<w:FaultDetail>{WSMAN.removesuffix('.xsd')}/faultDetail/InvalidValue</w:FaultDetail>{found}"


class QuotaFault(Fault):
    """Recorded: a quota is told by an MSFT_WmiError, and there is no WSManFault."""

    def __init__(self, code: int, text: str, told: str) -> None:
        super().__init__(code, text, "w:QuotaLimit", sender=True)
        self._told = told

    @override
    def detail(self) -> str:
        return (
            f'<p:MSFT_WmiError xmlns:p="{_WMI_ERROR}"><p:Message>{escape(self._told)}</p:Message>'
            f"<p:MessageID>HRESULT {self.code:#x}</p:MessageID><p:error_Code>{self.code}</p:error_Code>"
            "<p:error_Type>HRESULT</p:error_Type></p:MSFT_WmiError>"
        )
