#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(argument_spec={"whom": {"type": "str", "required": True}}, supports_check_mode=True)
    module.exit_json(changed=False, msg="good morning, " + module.params["whom"])


if __name__ == "__main__":
    main()
