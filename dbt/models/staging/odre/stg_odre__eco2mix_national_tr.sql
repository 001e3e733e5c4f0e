{{ eco2mix_national_publie('odre', 'eco2mix_national_tr') }}
