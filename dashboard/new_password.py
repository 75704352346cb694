"""The two fields in which a new password is typed."""

from dashboard.forms import Form


def matching(form: Form) -> str:
    """The new password; that both fields are alike is checked here, whether it is good enough by the policy."""
    if not form["baru"]:
        form.refuse("baru", "Kata sandi baru belum diisi. Mohon lengkapi.")
    elif form["baru"] != form["ulang"]:
        form.refuse("ulang", "Kedua kata sandi tidak sama. Mohon ketik ulang.")
    return form["baru"]
